{{ observations_saisies('part_depenses_rattachees') }}
order by territoire_niveau, territoire_code, periode
