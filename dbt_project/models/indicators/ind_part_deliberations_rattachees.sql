{{ observations_saisies('part_deliberations_rattachees') }}
order by territoire_niveau, territoire_code, periode
