{#- Places on a map, without any spatial extension: distances on the sphere, points in contours, baskets of services. -#}

{#- Metres between two points in degrees, on a sphere of mean radius (haversine). -#}
{% macro metres(lon_a, lat_a, lon_b, lat_b) -%}
  2 * 6371008.8 * asin(sqrt(least(1.0,
    power(sin(radians({{ lat_b }} - {{ lat_a }}) / 2), 2)
    + cos(radians({{ lat_a }})) * cos(radians({{ lat_b }})) * power(sin(radians({{ lon_b }} - {{ lon_a }}) / 2), 2)
  )))
{%- endmacro %}

{#- CTEs that end with `situes` (`cle`, code_commune): the commune whose published contour holds each point of `points`
    (`cle`, longitude, latitude), by the even-odd rule. A MultiPolygon is a list of polygons, a Polygon is one: both
    become rows of rings. A point on a border shared by two contours is in the first code. -#}
{% macro situer_dans_les_contours(points, cle) -%}
polygones as (
  select code_commune,
    case json_extract_string(contour, '$.type')
      when 'Polygon' then [cast(json_extract(contour, '$.coordinates') as double[][][])]
      when 'MultiPolygon' then cast(json_extract(contour, '$.coordinates') as double[][][][])
    end as polygones
  from {{ ref('stg_geo__contours') }}
  where exists (select 1 from {{ points }})
),

anneaux as (
  select code_commune, unnest(flatten(polygones)) as anneau
  from polygones
  where polygones is not null
),

aretes as (
  select code_commune,
    anneau[i][1] as x1, anneau[i][2] as y1, anneau[i + 1][1] as x2, anneau[i + 1][2] as y2
  from (select code_commune, anneau, unnest(range(1, len(anneau))) as i from anneaux)
),

situes as (
  select {{ cle }}, min(code_commune) as code_commune
  from (
    select p.{{ cle }}, a.code_commune
    from {{ points }} as p
    inner join aretes as a
      on (a.y1 > p.latitude) <> (a.y2 > p.latitude)
      and p.longitude < (a.x2 - a.x1) * (p.latitude - a.y1) / (a.y2 - a.y1) + a.x1
    group by p.{{ cle }}, a.code_commune
    having count(*) % 2 = 1
  )
  group by {{ cle }}
)
{%- endmacro %}

{#- The cell of a grid whose sides are at least 1 km (0.009° of latitude; 0.0145° of longitude, up to 51.2° N): two
    points less than 1 km apart are in the same cell or in two that touch. -#}
{% macro maille_km(longitude, latitude) -%}
  cast(floor({{ longitude }} / 0.0145) as integer) as maille_x, cast(floor({{ latitude }} / 0.009) as integer) as maille_y
{%- endmacro %}

{#- Family of the basket of services of a BPE facility; null outside the basket. Codes of the 2024 vintage. -#}
{% macro famille_panier(type) -%}
  case
    when {{ type }} in ('A128', 'A129', 'A206', 'A207', 'A208') then 'service_public'
    when {{ type }} in ('C107', 'C108', 'C109') then 'ecole'
    when {{ type }} in ('D108', 'D113', 'D265', 'D307') then 'soin'
    when {{ type }} in ('B104', 'B105', 'B201', 'B202', 'B207') then 'commerce_alimentaire'
    when {{ type }} = 'F307' or {{ type }} like 'F1%' or {{ type }} like 'F3%' then 'culture_sport'
  end
{%- endmacro %}

{#- The families of the basket, in the order of pages. -#}
{% macro familles_panier() -%}
  {{ return(['service_public', 'ecole', 'soin', 'commerce_alimentaire', 'culture_sport', 'transport']) }}
{%- endmacro %}

{#- Public service of a BPE type, then of an Acceslibre activity: the same words, so that both can be set side by
    side; null when it is none of them. -#}
{% macro service_public_bpe(type) -%}
  case
    when {{ type }} = 'A129' then 'mairie'
    when {{ type }} = 'A128' then 'france_services'
    when {{ type }} in ('A206', 'A207', 'A208') then 'poste'
    when {{ type }} in ('A101', 'A104') then 'police_gendarmerie'
    when {{ type }} in ('C107', 'C108', 'C109') then 'ecole'
    when {{ type }} = 'C201' then 'college'
    when {{ type }} in ('C301', 'C302', 'C303') then 'lycee'
    when {{ type }} = 'F307' then 'bibliotheque'
  end
{%- endmacro %}

{% macro service_public_activite(activite) -%}
  case
    when strip_accents(lower({{ activite }})) like 'mairie%' then 'mairie'
    when strip_accents(lower({{ activite }})) like '%france services%' then 'france_services'
    when strip_accents(lower({{ activite }})) like '%poste' and strip_accents(lower({{ activite }})) not like '%police%'
      then 'poste'
    when strip_accents(lower({{ activite }})) like '%police%' or strip_accents(lower({{ activite }})) like 'gendarmerie%'
      then 'police_gendarmerie'
    when strip_accents(lower({{ activite }})) in ('ecole maternelle', 'ecole primaire', 'ecole elementaire') then 'ecole'
    when strip_accents(lower({{ activite }})) like 'college%' then 'college'
    when strip_accents(lower({{ activite }})) like 'lycee%' then 'lycee'
    when strip_accents(lower({{ activite }})) like 'bibliotheque%' then 'bibliotheque'
  end
{%- endmacro %}

{#- Newest definitive population of each territory: a table expression (niveau, code, periode, habitants, editions). -#}
{% macro habitants() -%}
  (
    select niveau, code, periode, valeur as habitants, editions
    from {{ ref('int_populations') }}
    where statut = 'definitif' and valeur > 0
    qualify row_number() over (partition by niveau, code order by periode desc) = 1
  )
{%- endmacro %}

{#- A town's name as people may type it: lower case, no accents, hyphens and apostrophes as blanks. -#}
{% macro nom_simple(nom) -%}
  trim(regexp_replace(strip_accents(lower({{ nom }})), '[^a-z0-9]+', ' ', 'g'))
{%- endmacro %}
