{{ observations_saisies('couverture_plan_sauvegarde') }}
order by territoire_niveau, territoire_code, periode
