-- Which EPCI a commune was in on 1 January of a year: every date has its own truth. Émerchicourt (59192) was in Cœur
-- d'Ostrevent until 2018 and in 2023, in La Porte du Hainaut from 2019 to 2022 and since 2024.
-- Codes are today's (int_passage); a year in which the commune was in no EPCI has no row.
select
  a.annee,
  coalesce(p.code_commune, a.code_commune) as code_commune,
  a.code_epci,
  min(a.edition) as edition
from {{ ref('stg_insee__appartenances') }} as a
left join {{ ref('int_passage') }} as p on p.ancien_code = a.code_commune and p.univoque and a.annee < p.annee
where a.code_epci is not null
group by a.annee, coalesce(p.code_commune, a.code_commune), a.code_epci
order by a.annee, code_commune, a.code_epci
