-- Families of risks by the beginning of their label; the finer labels of the base nest under a family, and are left out.
with lu as (
  select *, lower(strip_accents(replace(libelle_risque_long, '’', ''''))) as libelle
  from {{ landed('georisques', 'risques') }}
)

select
  code_insee as code_commune,
  libelle_risque_long as libelle,
  case
    when libelle like 'inondation%' then 'inondation'
    when libelle like 'mouvement de terrain%' then 'mouvement_de_terrain'
    when libelle like 'seisme%' then 'seisme'
    when libelle like 'avalanche%' then 'avalanche'
    when libelle like 'feu de foret%' then 'feu_de_foret'
    when libelle like 'phenomene%' then 'phenomene_atmospherique'
    when libelle like 'eruption volcanique%' then 'eruption_volcanique'
    when libelle like 'risque industriel%' then 'industriel'
    when libelle like 'nucleaire%' then 'nucleaire'
    when libelle like 'rupture de barrage%' then 'rupture_de_barrage'
    when libelle like 'transport de%' then 'transport_dangereux'
    when libelle like 'engins de guerre%' then 'engins_de_guerre'
    when libelle like 'affaissement%minier%' then 'affaissement_minier'
  end as famille,
  coalesce(date_etat, _nuit) as date_etat,
  _edition as edition,
  _nuit as nuit
from lu
order by code_commune, libelle
