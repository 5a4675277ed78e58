{#- Formulae of trajectories: docs/drift.md says each in words (§ numbers are those of its sources). -#}

{#- Shapes that are drawn as a curve of their own; `sens` (a direction only) and `aucune` have none. -#}
{% macro formes_tracees() -%}
  ('lineaire', 'geometrique', 'paliers', 'compte_cible', 'cumul_lineaire', 'budget_cumule', 'division', 'seuil',
   'rythme', 'convergence')
{%- endmacro %}

{#- Shapes judged on a total that only grows: their noise is that of yearly steps. -#}
{% macro formes_cumulees() -%}
  ('budget_cumule', 'division', 'cumul_lineaire', 'rythme')
{%- endmacro %}

{#- Place of a period in its series, as one number: its decimal year, then its form (a year and its first quarter start
    together; the finer one comes after). -#}
{% macro ordre_periode(annee, periode) -%}
  {{ annee }} + case length({{ periode }})
    when 9 then 0.0 when 4 then 1e-6 when 10 then 3e-6
    else case when substr({{ periode }}, 6, 1) = 'T' then 4e-6 else 2e-6 end end
{%- endmacro %}

{#- T(t) on a segment `s` (columns forme, a1, v1, a2, v2) at the year `t`. -#}
{% macro valeur_attendue(s, t) -%}
  case
    when {{ s }}.v1 = {{ s }}.v2 or {{ t }} = {{ s }}.a1 then {{ s }}.v1
    when {{ t }} = {{ s }}.a2 then {{ s }}.v2
    when {{ s }}.forme = 'paliers' then {{ s }}.v1
    when {{ s }}.forme = 'geometrique'
      then {{ s }}.v1 * power({{ s }}.v2 / {{ s }}.v1, ({{ t }} - {{ s }}.a1) / ({{ s }}.a2 - {{ s }}.a1))
    else {{ s }}.v1 + ({{ s }}.v2 - {{ s }}.v1) * ({{ t }} - {{ s }}.a1) / ({{ s }}.a2 - {{ s }}.a1)
  end
{%- endmacro %}

{#- T⁻¹(y) on a segment that contains the value `y`: the year at which that value was due (§8). -#}
{% macro annee_due(s, y) -%}
  case
    when {{ s }}.forme = 'geometrique'
      then {{ s }}.a1 + ({{ s }}.a2 - {{ s }}.a1) * ln({{ y }} / {{ s }}.v1) / ln({{ s }}.v2 / {{ s }}.v1)
    else {{ s }}.a1 + ({{ s }}.a2 - {{ s }}.a1) * ({{ y }} - {{ s }}.v1) / ({{ s }}.v2 - {{ s }}.v1)
  end
{%- endmacro %}

{#- +1 when a rise is wanted, -1 when a fall is, null otherwise. -#}
{% macro sens(polarite) -%}
  case {{ polarite }} when 'hausse' then 1 when 'baisse' then -1 end
{%- endmacro %}

{#- The year at which a series that goes from (a1, v1) to (a2, v2) in `s` stands at the value `y` (§8): the later end of
    a flat stretch, which is the smallest delay. -#}
{% macro annee_du_niveau(s, y) -%}
  case when {{ s }}.v1 = {{ s }}.v2 then {{ s }}.a2
    else {{ s }}.a1 + ({{ s }}.a2 - {{ s }}.a1) * ({{ y }} - {{ s }}.v1) / ({{ s }}.v2 - {{ s }}.v1) end
{%- endmacro %}

{#- A year on the axis, as readers say it: « en 1998 », « entre 1998 et 1999 ». -#}
{% macro moment_fr(x) -%}
  case when abs({{ x }} - round({{ x }})) < 0.05 then 'en ' || cast(round({{ x }}) as integer)
    else 'entre ' || cast(floor({{ x }}) as integer) || ' et ' || cast(floor({{ x }}) + 1 as integer) end
{%- endmacro %}

{#- The model of one « retard sur la France » (page `page`), from int_annee_equivalente: the total is the reading with the
    two sources brought together, `lecture_directe` the figure as it is. A territory at the level of France has no delay
    (0); without a year there is no figure, and the note says why. -#}
{% macro retard_france(page) -%}
with lectures as (
  select *,
    row_number() over (partition by niveau, code, lecture order by annee desc) as rang,
    case when niveau = 'epci' and code = '{{ var("epci") }}' then {{ var('annees_du_diagnostic').get(page, 'null') }}
      end as annee_diagnostic
  from {{ ref('int_annee_equivalente') }}
  where page = '{{ page }}' and raison <> 'est_la_france'
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  periode,
  case lecture when 'raccordee' then '' else 'lecture_directe' end as ventilation,
  case raison when '' then retard when 'au_niveau' then 0.0 end as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case when raison in ('', 'au_niveau') then 'definitif' else 'manquant' end as statut,
  'recalcule' as nature,
  concat_ws(' ',
    case raison
      when '' then france_nom || ' était à ce niveau ' || {{ moment_fr('annee_equivalente') }}
        || case when euros is not null then ', en euros constants de ' || euros else '' end || '.'
      when 'au_niveau' then 'Niveau égal ou supérieur à celui de la France : aucun retard.'
      when 'avant_la_serie' then france_nom || ' n’a jamais eu ce niveau depuis ' || cast(serie_debut as integer)
        || ', début de la série : plus de ' || cast(floor(annee - serie_debut) as integer)
        || ' ans de retard, que rien ne permet de préciser.'
      when 'sans_deflateur' then 'Aucun indice connu ne met cette année en euros constants.'
      when 'sans_annee_commune'
        then 'La France n’est connue la même année dans les deux sources à aucun moment de cette série : elles ne peuvent pas être raccordées.'
    end,
    case when raison = '' and point_apres - point_avant > 1
      then 'La série n’est connue ici qu’en ' || cast(point_avant as integer) || ' et ' || cast(point_apres as integer)
        || ' : l’année est interpolée entre les deux.' end,
    case when raison = '' and lecture = 'raccordee' and rang = 1
      then 'L’écart entre les deux sources est retiré, d’après '
        || case when len(annees_lien) = 1 then 'l’année ' else 'les années ' end
        || array_to_string(annees_lien, ', ') || '.' end,
    case when raison = '' and rang = 1 and annee_diagnostic is not null
      then 'Le diagnostic du Projet de Territoire écrit ' || annee_diagnostic || ', sans donner sa méthode : '
        || case
          when abs(annee_equivalente - annee_diagnostic) < 0.5 then 'le même résultat.'
          else 'ce calcul donne une année plus '
            || case when annee_equivalente < annee_diagnostic then 'ancienne de ' else 'récente de ' end
            || {{ nombre_fr('abs(annee_equivalente - annee_diagnostic)', '1') }}
            || case when abs(annee_equivalente - annee_diagnostic) < 2 then ' an.' else ' ans.' end
        end end
  ) as note,
  'Année ' || periode || ', série longue ' || cast(serie_debut as integer) || '-' || cast(serie_fin as integer)
    as millesime,
  jeux,
  editions
from lectures
-- Why there is no figure is said once a territory above the commune: for each commune it would be the same sentence.
where raison in ('', 'au_niveau') or (lecture = 'raccordee' and (niveau <> 'commune' or raison = 'avant_la_serie'))
order by territoire_niveau, territoire_code, periode, ventilation
{%- endmacro %}
