-- Referenced places of digital inclusion for 10,000 inhabitants; their number, and those that move about, beside it.
{{ taux_de_lieux(
  'stg_anct__mediation_numerique', 'anct/mediation_numerique', 'lieu', {'itinerants': 'itinerant'},
  "strftime(max(nuit), '%Y-%m-%d')", "'Cartographie nationale, reçue le ' || strftime(max(nuit), '%Y-%m-%d')"
) }}
