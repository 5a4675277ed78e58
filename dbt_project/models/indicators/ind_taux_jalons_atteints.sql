{{ observations_saisies('taux_jalons_atteints') }}
order by territoire_niveau, territoire_code, periode
