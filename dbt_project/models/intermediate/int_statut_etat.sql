-- The state of each indicator (§12.4), from the steps before. Order matters: first what makes a judgement impossible,
-- then the target, then two final years beyond the margin, then the newest figure.
with faits as (
  select i.*, j.points, j.n_periode, j.n_statut, j.n_residu, j.n_attendu, j.n_ecart, j.f1_periode, j.f1_residu,
    j.f1_ecart, j.f2_periode, j.f2_residu, b.sigma, b.methode,
    -- The mean absolute revision needs several vintages of a same figure, which no source gives yet: not used.
    greatest(i.tolerance, coalesce(b.sigma, 0)) as marge,
    cast('{{ var("nuit") }}' as date) as nuit,
    -- A ceiling on a cumulative total is only met once its period is over.
    case
      when i.forme = 'budget_cumule' then j.n_residu is not null and i.annee >= i.cible_annee and i.d * (i.valeur - i.cible_valeur) >= 0
      else i.d * (i.valeur - i.cible_valeur) >= 0
    end as cible_atteinte
  from {{ ref('int_statut_indicateurs') }} as i
  left join {{ ref('int_statut_juges') }} as j on j.indicateur = i.indicateur
  left join {{ ref('int_statut_bruit') }} as b on b.indicateur = i.indicateur
),

raisons as (
  select *,
    case
      when contexte then 'contexte'
      -- Whatever the objective, what is missing is a deposit.
      when not calcule and attente = 'saisie' then 'saisie_attendue'
      when not calcule then 'non_calcule'
      when saisie = 'oui' and valeur is null then 'saisie_attendue'
      when trajectoire is null then 'aucune_trajectoire'
      when manque_calcule <> '' then 'trajectoire_incomplete'
      when forme not in ('lineaire', 'geometrique', 'paliers', 'compte_cible', 'budget_cumule', 'seuil', 'rythme')
        then 'forme_non_evaluee'
      when d is null then 'sens_non_defini'
      when trajectoire_unite is not null and trajectoire_unite not in (unite, unite_courte) then 'perimetre_different'
      when valeur is null then 'aucune_donnee'
      when echelle is null or echelle <= 0 then 'echelle_absente'
      when rupture is not null and base_annee < rupture then 'rupture'
      when nuit > limite_anciennete then 'observation_trop_ancienne'
      when n_periode is null or n_periode <> periode then 'annee_hors_trajectoire'
      when points < 2 then 'moins_de_deux_points'
      when cible_atteinte then 'cible_atteinte'
      when f1_residu > marge + 1e-9 and f2_residu > marge + 1e-9 then 'deux_annees'
      when n_residu > marge + 1e-9 and n_statut <> 'definitif' then 'provisoire'
      when n_residu > marge + 1e-9 then 'derniere_annee'
      -- A provisional figure back within the margin does not erase a final one beyond it.
      when n_statut <> 'definitif' and f1_residu > marge + 1e-9 then 'derniere_annee_definitive'
      when n_residu < -marge - 1e-9 then 'mieux_que_la_marge'
      else 'dans_la_marge'
    end as raison
  from faits
)

select *,
  case raison
    when 'contexte' then 'sans_objet'
    when 'aucune_trajectoire' then 'trajectoire_a_fixer'
    when 'trajectoire_incomplete' then 'trajectoire_a_fixer'
    when 'cible_atteinte' then 'atteint'
    when 'mieux_que_la_marge' then 'en_avance'
    when 'dans_la_marge' then 'sur_trajectoire'
    when 'derniere_annee' then 'a_surveiller'
    when 'derniere_annee_definitive' then 'a_surveiller'
    when 'provisoire' then 'a_surveiller'
    when 'deux_annees' then 'derive'
    else 'non_evaluable'
  end as etat
from raisons
order by indicateur
