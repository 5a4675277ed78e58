{#- Deposits of the services in SQL: what models of indicators take of them (docs/indicators.md, « Deposits »). -#}

{#- A unit without capitals, accents, blanks nor raised digits: the same folding as flows/sources/saisies_cells.folded
    for the units of the catalogue (a test compares the two). -#}
{% macro unite_pliee(unite) -%}
  regexp_replace(
    translate(strip_accents(lower({{ unite }})), '²³₂₃µ', '2323μ'), '[\s\x{00a0}\x{202f}\x{2009}]', '', 'g'
  )
{%- endmacro %}

{#- Next figures to withhold at one level of children (columns indicateur, periode, epci, code), because what is already
    withheld in `relation` could be worked out. `code` is null when no child is left to withhold: the total must go, or
    every child when the total is public elsewhere. Columns of `relation`: those of `marquees` in int_saisies.
    `enfants`: relation (code, epci, attendus). -#}
{% macro saisies_a_taire(relation, enfants, niveau) -%}
  (
    with groupes as (
      select e.indicateur, e.periode, c.epci,
        max(e.seuil) as seuil,
        bool_or(e.saisie = 'partielle') as total_ailleurs,
        count(*) filter (where e.tue) as tues,
        count(*) filter (where e.connue) = max(c.attendus) as complet,
        case
          when bool_or(e.tue and e.valeur is null)
            then max(t.valeur) - coalesce(sum(e.valeur) filter (where e.connue and not e.tue), 0)
          else sum(e.valeur) filter (where e.tue)
        end as somme,
        coalesce(bool_or(t.connue and not t.tue), false) as total_dit,
        coalesce(bool_or(t.tue), false) as total_tu
      from {{ relation }} as e
      inner join {{ enfants }} as c on c.code = e.code
      left join {{ relation }} as t
        on t.indicateur = e.indicateur and t.periode = e.periode and t.niveau = 'epci' and t.code = c.epci
      where e.niveau = '{{ niveau }}' and e.seuil is not null
      group by e.indicateur, e.periode, c.epci
    ),

    exposes as (
      select * from groupes
      where (tues > 0 and (total_dit or total_ailleurs)
          and not (tues >= 2
            and coalesce(somme between greatest(seuil, tues + 1) and tues * (seuil - 1) - 1, false)))
        -- A total withheld comes back as the sum of its children when all of them are said.
        or (tues = 0 and total_tu and complet)
    )

    select x.indicateur, x.periode, x.epci, x.total_ailleurs, e.code
    from exposes as x
    left join (
      select e.indicateur, e.periode, c.epci, e.code, e.valeur
      from {{ relation }} as e
      inner join {{ enfants }} as c on c.code = e.code
      where e.niveau = '{{ niveau }}' and e.connue and not e.tue and e.valeur > 0
    ) as e on e.indicateur = x.indicateur and e.periode = x.periode and e.epci = x.epci
    -- Equal children go together: the one left would say that no smaller one was there to be taken.
    qualify rank() over (partition by x.indicateur, x.periode, x.epci order by e.valeur nulls last) = 1
  )
{%- endmacro %}

{#- The thirteen columns of an indicator whose figures are its deposits, as they are (nature `saisi`). No deposit, no
    row: the page then says « saisie attendue » with its service. -#}
{% macro observations_saisies(slug) -%}
  select
    niveau as territoire_niveau,
    code as territoire_code,
    periode,
    '' as ventilation,
    valeur,
    cast(null as double) as borne_basse,
    cast(null as double) as borne_haute,
    statut,
    'saisi' as nature,
    note,
    millesime,
    ['saisies/indicateurs'] as jeux,
    [edition] as editions
  from {{ ref('int_saisies') }}
  where indicateur = '{{ slug }}'
{%- endmacro %}

{#- The same for an indicator that divides what is deposited by a known quantity. `denominateurs`: relation (niveau,
    code, annee bigint, valeur, editions varchar[]); the year nearest to the deposit's is taken (the older of two) and
    the note says it when it is another. `facteur`: 100 for a share, 1000 for « pour 1 000 ». `ventilation`: id under
    which the deposited figure itself is given. `mot`: what it is divided by, in French, without article. -#}
{% macro saisies_rapportees(slug, denominateurs, jeu, facteur, ventilation, mot, ecart_max=5) -%}
  with deposees as (
    select *, cast({{ start_year('periode') }} as bigint) as annee from {{ ref('int_saisies') }}
    where indicateur = '{{ slug }}'
  ),

  rapportees as (
    select s.*, d.annee as annee_denominateur, d.valeur as denominateur, d.editions as editions_denominateur
    from deposees as s
    left join {{ denominateurs }} as d
      on d.niveau = s.niveau and d.code = s.code and d.valeur > 0 and abs(d.annee - s.annee) <= {{ ecart_max }}
    qualify row_number() over (
      partition by s.niveau, s.code, s.periode order by abs(d.annee - s.annee) nulls last, d.annee
    ) = 1
  )

  select
    niveau as territoire_niveau, code as territoire_code, periode, '' as ventilation,
    {{ facteur }} * valeur / denominateur as valeur,
    cast(null as double) as borne_basse, cast(null as double) as borne_haute,
    case when statut not in ('secret', 'manquant') and denominateur is null then 'manquant' else statut end as statut,
    'saisi' as nature,
    concat_ws(' ',
      nullif(note, ''),
      case
        when valeur is not null and denominateur is null
          then 'Chiffre déposé ; le dénominateur manque pour une année proche ({{ mot }}).'
        when valeur is not null and annee_denominateur <> annee
          then 'Dénominateur : {{ mot }} en ' || annee_denominateur || '.'
      end
    ) as note,
    millesime,
    case when denominateur is null then ['saisies/indicateurs'] else ['{{ jeu }}', 'saisies/indicateurs'] end as jeux,
    list_sort(list_distinct(list_concat([edition], coalesce(editions_denominateur, [])))) as editions
  from rapportees

  union all

  select niveau, code, periode, '{{ ventilation }}', valeur, null, null, statut, 'saisi', note, millesime,
    ['saisies/indicateurs'], [edition]
  from deposees
{%- endmacro %}

{#- Open data completed by deposits. `ouvertes`: a relation (a CTE, a model) with the thirteen columns of an indicator.
    A deposit only fills a key that open data leaves empty or missing: it never replaces a published figure, and never
    tells one that the publisher withholds. -#}
{% macro avec_saisies(slug, ouvertes) -%}
  select * from (
    select
      territoire_niveau, territoire_code, cast(periode as varchar) as periode, ventilation, valeur, borne_basse,
      borne_haute, statut, nature, note, millesime, jeux, editions
    from {{ ouvertes }}
    union all
    {{ observations_saisies(slug) }}
  )
  qualify row_number() over (
    partition by territoire_niveau, territoire_code, periode, ventilation
    order by (statut = 'manquant'), (nature = 'saisi')
  ) = 1
{%- endmacro %}
