{{ observations_saisies('part_local_restauration_collective') }}
order by territoire_niveau, territoire_code, periode
