-- One row a year, commune, voltage domain and filière of which at least one site is written; MWh of the year.
{%- set filieres = ['photovoltaique', 'eolien', 'hydraulique', 'bio_energie', 'cogeneration', 'autres'] %}
{%- for filiere in filieres %}
select
  annee,
  code_commune,
  nom_commune as nom,
  code_epci,
  code_departement,
  domaine_de_tension,
  '{{ filiere }}' as filiere,
  nb_sites_{{ filiere }} as nb_sites,
  mwh_{{ filiere }} as production_mwh,
  _edition as edition,
  _nuit as nuit
from {{ landed('enedis', 'production') }}
where coalesce(nb_sites_{{ filiere }}, 0) > 0
{{ "union all" if not loop.last }}
{%- endfor %}
order by annee, code_commune, domaine_de_tension, filiere
