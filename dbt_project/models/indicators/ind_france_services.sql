-- Labelled France services places (the total) and, beside it, those that move about. The list dates itself.
{{ nombre_de_lieux(
  'stg_anct__france_services', 'anct/france_services', 'structure', {'itinerantes': 'itinerante'},
  "strftime(max(date_liste), '%Y-%m-%d')", "'Liste de l’ANCT du ' || strftime(max(date_liste), '%Y-%m-%d')"
) }}
