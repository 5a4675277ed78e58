{{ observations_saisies('taux_vulnerabilite_energetique') }}
order by territoire_niveau, territoire_code, periode
