{{ observations_saisies('parc_prive_potentiellement_indigne') }}
order by territoire_niveau, territoire_code, periode
