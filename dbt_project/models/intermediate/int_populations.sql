-- Legal (municipal) population by territory and year. EPCI and bassins are sums of their communes, only when every
-- one of them is known that year.
with publiees as (
  select niveau, code, periode, valeur, statut, 'publie' as nature, [edition] as editions
  from {{ ref('stg_insee__populations') }}
  where mesure = 'PMUN' and niveau is not null and niveau <> 'epci'
),

sommes as (
  select
    a.niveau, a.code, p.periode,
    {{ somme('p.valeur') }} as valeur,
    {{ editions_de('p.edition') }} as editions
  from {{ ref('int_appartenances') }} as a
  inner join {{ ref('stg_insee__populations') }} as p
    on p.niveau = 'commune' and p.code = a.code_commune and p.mesure = 'PMUN' and p.statut = 'definitif'
  group by a.niveau, a.code, p.periode
  having count(*) = max(a.attendues)
)

select niveau, code, periode, valeur, statut, nature, editions from publiees
union all
select niveau, code, periode, valeur, 'definitif', 'recalcule', editions from sommes
order by niveau, code, periode
