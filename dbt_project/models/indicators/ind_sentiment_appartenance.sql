{{ observations_saisies('sentiment_appartenance') }}
order by territoire_niveau, territoire_code, periode
