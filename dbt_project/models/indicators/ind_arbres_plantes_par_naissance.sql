-- Trees deposited by the service, over births by the mother's residence; the trees themselves are `arbres`. Births of
-- an EPCI: the publisher's, else the sum of its communes when every one of them is known that year.
with connues as (
  select niveau, code, annee, naissances, edition
  from {{ ref('stg_insee__naissances') }}
  where statut = 'definitif' and naissances is not null
),

sommes as (
  select a.niveau, a.code, n.annee, {{ somme('n.naissances') }} as naissances, {{ editions_de('n.edition') }} as editions
  from {{ ref('int_appartenances') }} as a
  inner join connues as n on n.niveau = 'commune' and n.code = a.code_commune
  group by a.niveau, a.code, n.annee
  having count(*) = max(a.attendues)
),

naissances as (
  select niveau, code, cast(annee as bigint) as annee, cast(naissances as double) as valeur, [edition] as editions
  from connues
  union all
  select s.niveau, s.code, cast(s.annee as bigint), s.naissances, s.editions
  from sommes as s
  where not exists (
    select 1 from connues as c where c.niveau = s.niveau and c.code = s.code and c.annee = s.annee
  )
)

select * from (
  {{ saisies_rapportees('arbres_plantes_par_naissance', 'naissances', 'insee/naissances', 1, 'arbres',
      'naissances domiciliées', ecart_max=2) }}
)
order by territoire_niveau, territoire_code, periode, ventilation
