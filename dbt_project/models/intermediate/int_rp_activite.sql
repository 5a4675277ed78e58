-- Population of 15 to 64 and its active part (employed or not), by territory, vintage and sex ('F', 'M', '_T').
with comptes as (
  select niveau, code, annee, sexe,
    max(valeur) filter (where activite = '_T') as population,
    -- Both parts or nothing: the employed alone are not the active.
    max(valeur) filter (where activite = '1') + max(valeur) filter (where activite = '2') as actifs,
    bool_or(statut = 'secret') as secret,
    {{ editions_de('edition') }} as editions
  from {{ ref('stg_insee__rp_activite') }}
  where niveau is not null
  group by niveau, code, annee, sexe
),

territoires as (
  {{ comptes_par_territoire('comptes', ['annee', 'sexe'], ['population', 'actifs']) }}
)

select t.niveau, t.code, t.annee, t.sexe, t.population, t.actifs,
  100 * t.actifs / nullif(t.population, 0) as taux,
  coalesce(c.secret, false) as secret,
  t.communes, t.attendues, t.editions
from territoires as t
left join comptes as c on c.niveau = t.niveau and c.code = t.code and c.annee = t.annee and c.sexe = t.sexe
order by t.niveau, t.code, t.annee, t.sexe
