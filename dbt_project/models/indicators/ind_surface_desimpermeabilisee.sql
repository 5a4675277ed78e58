{{ observations_saisies('surface_desimpermeabilisee') }}
order by territoire_niveau, territoire_code, periode
