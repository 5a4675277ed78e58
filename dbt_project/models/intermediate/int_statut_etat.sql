-- The state of each indicator (docs/drift.md), from the steps before. Order matters: first what makes a judgement
-- impossible, then the target, then two final years beyond the margin, then the newest figure. A steward's dated decision
-- about the very figure that is judged stands in front of all; what was computed stays beside it (`etat_calcule`).
with decisions as (
  select indicateur, periode, etat, motif, auteur, date
  from {{ ref('stg_referentiel__etats') }}
  where date <= cast('{{ var("nuit") }}' as date)
    and coalesce(valide_au >= cast('{{ var("nuit") }}' as date), true)
),

faits as (
  select i.*, j.points, j.n_periode, j.n_statut, j.n_residu, j.n_attendu, j.n_ecart, j.n_juge, j.f1_periode, j.f1_residu,
    j.f1_ecart, j.f2_periode, j.f2_residu, b.sigma, b.methode,
    s.points as sens_points, s.reculs, s.definitifs as sens_definitifs,
    -- What the publisher itself still corrects, on average, is no signal.
    r.revision_absolue_moyenne / i.echelle as revision,
    greatest(i.tolerance, coalesce(b.sigma, 0), coalesce(r.revision_absolue_moyenne / i.echelle, 0)) as marge,
    cast('{{ var("nuit") }}' as date) as nuit,
    -- A ceiling on a cumulative total, or a yearly pace, is only met once its period is over.
    case
      when i.forme in ('budget_cumule', 'division')
        then j.n_residu is not null and i.annee >= i.cible_annee and i.d * (i.valeur - i.cible_valeur) >= 0
      when i.forme = 'rythme'
        then coalesce(j.n_residu is not null and i.annee >= i.cible_annee and i.d * (j.n_juge - j.n_attendu) >= 0, false)
      when i.forme = 'convergence' then coalesce(i.d * (j.n_juge - i.cible_valeur) >= 0, false)
      else i.d * (i.valeur - i.cible_valeur) >= 0
    end as cible_atteinte
  from {{ ref('int_statut_indicateurs') }} as i
  left join {{ ref('int_statut_juges') }} as j on j.serie = i.serie
  left join {{ ref('int_statut_bruit') }} as b on b.serie = i.serie
  left join {{ ref('int_statut_sens') }} as s on s.serie = i.serie
  left join {{ ref('fct_revision_mean') }} as r on r.indicateur = i.indicateur
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
      when forme = 'aucune' then 'sans_trajectoire'
      when manque_calcule <> '' then 'trajectoire_incomplete'
      when d is null then 'sens_non_defini'
      when trajectoire_unite is not null and trajectoire_unite not in (unite, unite_courte) then 'perimetre_different'
      when valeur is null then 'aucune_donnee'
      when not sens_seul and (echelle is null or echelle <= 0) then 'echelle_absente'
      when not sens_seul and rupture is not null and base_annee < rupture then 'rupture'
      when nuit > limite_anciennete then 'observation_trop_ancienne'
      when sens_seul and coalesce(sens_points, 0) < 4 then 'moins_de_quatre_points'
      when sens_seul and reculs = 3 then case when sens_definitifs then 'sens_contraire' else 'sens_contraire_provisoire' end
      when sens_seul then 'sens_tenu'
      when forme = 'convergence' and annee >= base_annee and n_periode is distinct from periode then 'comparateur_absent'
      when forme = 'rythme' and annee >= base_annee and annee <= coalesce(cible_annee, annee) and n_periode is distinct from periode
        then 'cumul_incomplet'
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
    end as raison_calculee
  from faits
),

calcules as (
  select *,
    case raison_calculee
      when 'contexte' then 'sans_objet'
      when 'sans_trajectoire' then 'sans_objet'
      when 'aucune_trajectoire' then 'trajectoire_a_fixer'
      when 'trajectoire_incomplete' then 'trajectoire_a_fixer'
      when 'cible_atteinte' then 'atteint'
      when 'mieux_que_la_marge' then 'en_avance'
      when 'dans_la_marge' then 'sur_trajectoire'
      when 'sens_tenu' then 'sur_trajectoire'
      when 'sens_contraire' then 'a_surveiller'
      when 'sens_contraire_provisoire' then 'a_surveiller'
      when 'derniere_annee' then 'a_surveiller'
      when 'derniere_annee_definitive' then 'a_surveiller'
      when 'provisoire' then 'a_surveiller'
      when 'deux_annees' then 'derive'
      else 'non_evaluable'
    end as etat_calcule
  from raisons
)

-- A decision holds for one period of one indicator: a newer figure is judged anew. Only what is decided here is kept: the
-- indicator and its points stand in their own tables, and fct_status brings them together.
select c.serie, c.indicateur, c.nuit, c.sigma, c.methode, c.revision, c.marge, c.sens_points, c.reculs,
  c.etat_calcule, c.raison_calculee,
  coalesce(k.etat, c.etat_calcule) as etat,
  case when k.etat is not null then 'decision' else c.raison_calculee end as raison,
  k.motif as decision_motif, k.auteur as decision_auteur, k.date as decision_date
from calcules as c
left join decisions as k
  on k.indicateur = c.indicateur and k.periode = c.periode and not c.contexte and c.calcule
