{{ observations_saisies('projets_cooperation') }}
order by territoire_niveau, territoire_code, periode
