{{ observations_saisies('renovations_energetiques_logements') }}
order by territoire_niveau, territoire_code, periode
