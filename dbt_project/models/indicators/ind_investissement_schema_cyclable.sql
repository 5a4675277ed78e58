{{ observations_saisies('investissement_schema_cyclable') }}
order by territoire_niveau, territoire_code, periode
