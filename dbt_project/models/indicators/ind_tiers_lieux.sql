-- Third places that answered the census of France Tiers-Lieux, by commune of their position or of their name; the
-- services' deposits for the dates that it does not know.
with ouvertes as (
  {{ nombre_de_lieux(
    'int_tiers_lieux', 'tiers_lieux/recensement', 'lieu', {},
    "strftime(max(date_fichier), '%Y-%m-%d')", "'Recensement des tiers-lieux ' || max(annee)"
  ) }}
)

{{ avec_saisies('tiers_lieux', 'ouvertes') }}
order by territoire_niveau, territoire_code, ventilation, periode
