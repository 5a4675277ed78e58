-- Distinct participants deposited, for 1,000 inhabitants; the count itself is the ventilation `participants`.
with populations as (
  select niveau, code, cast(periode as bigint) as annee, valeur, editions
  from {{ ref('int_populations') }}
  where statut = 'definitif' and valeur is not null
)

select * from (
  {{ saisies_rapportees('participants_dispositifs_citoyens', 'populations', 'insee/populations', 1000, 'participants',
      'population municipale') }}
)
order by territoire_niveau, territoire_code, periode, ventilation
