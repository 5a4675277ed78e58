-- A central kitchen without guests (`central`) is no canteen of its own.
select
  id as cantine,
  city_insee_code as code_commune,
  production_type as production,
  yearly_meal_count as repas,
  _edition as edition,
  _nuit as nuit
from {{ landed('macantine', 'registre') }}
where production_type is distinct from 'central'
order by cantine
