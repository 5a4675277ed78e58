-- Active borrowers deposited by the network, over the legal population; the count itself is the ventilation `usagers`.
with populations as (
  select niveau, code, cast(periode as bigint) as annee, valeur, editions
  from {{ ref('int_populations') }}
  where statut = 'definitif' and valeur is not null
)

select * from (
  {{ saisies_rapportees('usagers_actifs_lecture_publique', 'populations', 'insee/populations', 100, 'usagers',
      'population municipale') }}
)
order by territoire_niveau, territoire_code, periode, ventilation
