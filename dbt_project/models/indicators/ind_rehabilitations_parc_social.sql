{{ observations_saisies('rehabilitations_parc_social') }}
order by territoire_niveau, territoire_code, periode
