-- Mean revision (MR) and mean absolute revision (MAR) of each indicator over every release compared so far: the sums of
-- the predecessor's etat/ and tonight's. Only what the publisher revised, for the indicator's own territory, in all: a
-- correction, a method or a perimeter says nothing of how far a published figure may still move.
with avant as (
  select * from {{ input('predecessor_revisions') }}
),

-- 1 when there is a release to compare with.
comparee as (
  select cast(count(*) > 0 as integer) as n from {{ input('predecessor_context') }}
),

ce_soir as (
  select r.indicateur, count(*) as revisions, {{ somme('r.ecart') }} as somme, {{ somme('abs(r.ecart)') }} as somme_absolue
  from {{ ref('fct_revision') }} as r
  inner join {{ ref('dim_indicator') }} as i
    on i.indicateur = r.indicateur and i.territoire_niveau = r.territoire_niveau
    and i.territoire_code = r.territoire_code
  where r.cause = 'revision' and r.ventilation = '' and r.ecart is not null
  group by r.indicateur
),

sommes as (
  select
    i.indicateur,
    cast(coalesce(a.comparaisons, 0) + c.n as bigint) as comparaisons,
    cast(coalesce(a.revisions, 0) + coalesce(s.revisions, 0) as bigint) as revisions,
    round(coalesce(a.somme, 0.0) + coalesce(s.somme, 0.0), 6) as somme,
    round(coalesce(a.somme_absolue, 0.0) + coalesce(s.somme_absolue, 0.0), 6) as somme_absolue
  from {{ ref('dim_indicator') }} as i
  cross join comparee as c
  left join avant as a on a.indicateur = i.indicateur
  left join ce_soir as s on s.indicateur = i.indicateur
  where i.calcule
)

select *,
  round(somme / nullif(revisions, 0), 6) as revision_moyenne,
  round(somme_absolue / nullif(revisions, 0), 6) as revision_absolue_moyenne
from sommes
where comparaisons > 0
order by indicateur
