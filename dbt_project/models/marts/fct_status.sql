-- One row an indicator: its state, the reason in French, and every number that led to it (JSON `details`).
with parties as (
  select i.*, e.* exclude (serie, indicateur),
    j.points, j.n_periode, j.n_statut, j.n_residu, j.n_attendu, j.n_ecart, j.n_juge, j.f1_periode, j.f1_residu,
    j.f1_ecart, j.f2_periode, j.f2_residu,
    r.retard, r.borne as retard_borne, r.annee_due,
    t.pente, t.pente_basse, t.pente_haute, t.points as tendance_points, t.arrivee_annee, t.arrivee_au_plus_tot,
    t.arrivee_au_plus_tard,
    k.niveau as retard_niveau, k.code as retard_code, k.nom as retard_nom, k.valeur_comparateur,
    k.annee_du_niveau, k.debut_serie, k.retard as retard_comparateur, k.methode as comparateur_methode,
    k.niveau_compare, k.euros,
    b.etendues, b.etendue_moyenne,
    n.motif as rupture_motif
  from {{ ref('int_statut_etat') }} as e
  inner join {{ ref('int_statut_indicateurs') }} as i on i.serie = e.serie
  left join {{ ref('int_statut_juges') }} as j on j.serie = e.serie
  left join {{ ref('int_statut_retard') }} as r on r.serie = e.serie
  left join {{ ref('int_statut_tendance') }} as t on t.serie = e.serie
  left join {{ ref('int_statut_comparateur') }} as k on k.indicateur = i.indicateur
  left join {{ ref('int_statut_bruit') }} as b on b.serie = e.serie
  left join (
    select indicateur, {{ decimal_year('periode') }} as annee, min(motif) as motif
    from {{ ref('dim_rupture') }} group by all
  ) as n on n.indicateur = i.indicateur and n.annee = i.rupture
),

series as (
  select serie as numero,
    list(
      struct_pack(
        periode := periode, valeur := valeur, statut := statut, juge := round(juge, 6), attendu := round(attendu, 6),
        ecart_norm := round(residu, 6)
      ) order by ordre
    ) as serie
  from {{ ref('int_statut_serie') }}
  group by serie
),

-- Only a state that was judged shows a gap: numbers beside a refusal to judge would contradict it.
juge as (
  select * replace (
      -- A yearly pace is judged on what was done since its first year: the total is the figure that is shown.
      case when forme = 'rythme' and n_residu is not null then n_juge else valeur end as valeur
    ),
    n_residu is not null and not sens_seul
      and etat_calcule in ('atteint', 'en_avance', 'sur_trajectoire', 'a_surveiller', 'derive') as evalue,
    -- Beside a gap to a comparison territory, the reader is shown the level that this gap asks for.
    case when forme = 'convergence' then valeur - n_ecart else n_attendu end as attendu,
    -- Share of the road done, and due, from the start of the curve to the target.
    case when forme in ('budget_cumule', 'division') then n_juge / nullif(cible_valeur, 0)
      when forme in ('lineaire', 'geometrique', 'paliers', 'compte_cible', 'cumul_lineaire', 'convergence')
        then (n_juge - base_valeur) / nullif(cible_valeur - base_valeur, 0) end as part_chemin,
    case when forme in ('budget_cumule', 'division') then n_attendu / nullif(cible_valeur, 0)
      when forme in ('lineaire', 'geometrique', 'paliers', 'compte_cible', 'cumul_lineaire', 'convergence')
        then (n_attendu - base_valeur) / nullif(cible_valeur - base_valeur, 0) end as part_chemin_attendue
  from parties
),

mots as (
  select *,
    {{ nombre_fr('abs(n_ecart)', 'decimales') }} || case when coalesce(unite_courte, '') = '' then '' else chr(160) || unite_courte end
      as ecart_mots,
    {{ nombre_fr('abs(f1_ecart)', 'decimales') }} || case when coalesce(unite_courte, '') = '' then '' else chr(160) || unite_courte end
      as ecart_definitif_mots,
    {{ nombre_fr('100 * marge', '0') }} || chr(160) || '%' as marge_mots,
    case when n_ecart > 0 then 'au-dessus' else 'au-dessous' end as cote,
    case when n_ecart > 0 then 'supérieure' else 'inférieure' end as cote_adjectif
  from juge
)

select
  m.indicateur,
  m.territoire_niveau,
  m.territoire_code,
  m.trajectoire,
  m.etat,
  m.raison,
  case m.raison
    when 'contexte' then 'Indicateur de contexte : il éclaire la situation, aucun objectif ne lui est fixé.'
    when 'non_calcule' then coalesce(nullif(m.raison_declaree, ''), 'Cet indicateur n’est pas encore calculé.')
    when 'saisie_attendue' then 'Saisie attendue. Service qui dépose ce chiffre : ' || m.service || '.'
      || coalesce(' ' || nullif(m.raison_declaree, ''), '')
    when 'aucune_trajectoire' then 'Aucun objectif chiffré et daté n’a été adopté pour cet indicateur.'
    when 'trajectoire_incomplete' then 'L’objectif est incomplet. Il manque : '
      || lower(substr(m.manque_calcule, 1, 1)) || substr(m.manque_calcule, 2)
    when 'decision' then 'État fixé par une décision du ' || {{ date_fr('m.decision_date') }} || ' (' || m.decision_auteur || ') : '
      || m.decision_motif
    when 'sans_trajectoire' then 'Il a été décidé de ne pas fixer d’objectif à cet indicateur.'
      || coalesce(' ' || nullif(m.trajectoire_commentaire, ''), '')
    when 'moins_de_quatre_points' then 'Seul un sens est demandé : il faut quatre valeurs comparables pour dire s’il est tenu.'
    when 'sens_contraire' then {{ dans_periode('m.periode') }} || ', '
      || case when m.forme = 'convergence' then 'l’écart avec le territoire de comparaison s’est creusé'
        else 'l’évolution a été contraire au sens souhaité' end || ' pour la troisième fois de suite.'
    when 'sens_contraire_provisoire' then {{ dans_periode('m.periode') }} || ', '
      || case when m.forme = 'convergence' then 'l’écart avec le territoire de comparaison s’est creusé'
        else 'l’évolution a été contraire au sens souhaité' end
      || ' pour la troisième fois de suite, mais une de ces valeurs n’est pas définitive.'
    when 'sens_tenu' then case when m.forme = 'convergence' then 'L’écart avec le territoire de comparaison ne se creuse pas'
        else 'L’évolution n’est pas contraire au sens souhaité' end
      || ' (jusqu’à trois valeurs de suite) ; aucun niveau daté n’est fixé.'
    when 'comparateur_absent' then 'La valeur du territoire de comparaison manque (' || {{ periode_fr('m.periode') }}
      || ') : l’écart ne se calcule pas.'
    when 'cumul_incomplet' then 'Une année manque depuis le départ du rythme annuel : le cumul ne se compare pas.'
    when 'sens_non_defini' then 'Ni une hausse ni une baisse de cet indicateur n’est souhaitée en soi.'
    when 'perimetre_different' then 'La trajectoire est exprimée dans une autre unité (' || m.trajectoire_unite
      || ') que l’indicateur (' || m.unite || ').'
    when 'aucune_donnee' then 'Aucune valeur n’est publiée pour ce territoire.'
    when 'echelle_absente' then 'Le chemin à parcourir est nul ou inconnu : une échelle doit être fixée.'
    when 'rupture' then 'La série est rompue depuis le départ de la trajectoire : une décision datée doit la recaler. '
      || coalesce(m.rupture_motif, '')
    when 'observation_trop_ancienne' then 'La dernière valeur (' || {{ periode_fr('m.periode') }}
      || ') est trop ancienne : deux mises à jour attendues ne sont pas parues.'
    when 'annee_hors_trajectoire' then 'La dernière valeur (' || {{ periode_fr('m.periode') }} || ') est hors des années de la trajectoire.'
    when 'moins_de_deux_points' then 'Une seule valeur est comparable à la trajectoire : il en faut au moins deux.'
    when 'cible_atteinte' then {{ dans_periode('m.periode') }} || ', la cible est atteinte.'
    when 'mieux_que_la_marge' then {{ dans_periode('m.periode') }} || ', la valeur est meilleure que la trajectoire de ' || m.ecart_mots
      || ', au-delà de la marge de ' || m.marge_mots || ' du chemin à parcourir.'
    when 'dans_la_marge' then {{ dans_periode('m.periode') }} || ', la valeur suit la trajectoire, à la marge de ' || m.marge_mots
      || ' du chemin à parcourir près.'
    when 'derniere_annee' then {{ dans_periode('m.periode') }} || ', la valeur est ' || m.cote_adjectif || ' de ' || m.ecart_mots
      || ' à la trajectoire ; une deuxième année confirmera ou non l’écart.'
    when 'provisoire' then {{ dans_periode('m.periode') }} || ', la valeur est ' || m.cote_adjectif || ' de ' || m.ecart_mots
      || ' à la trajectoire, mais elle n’est pas définitive ; la suivante confirmera ou non l’écart.'
      -- A provisional overrun must not hide that the newest final figure was already beyond the margin.
      || case
        when m.f1_residu > m.marge + 1e-9 and m.forme = 'budget_cumule'
          then ' ' || {{ dans_periode('m.f1_periode') }} || ', dernière année définitive, le cumul dépassait déjà le plafond de '
            || m.ecart_definitif_mots || '.'
        when m.f1_residu > m.marge + 1e-9
          then ' ' || {{ dans_periode('m.f1_periode') }} || ', dernière valeur définitive, l’écart était déjà de '
            || m.ecart_definitif_mots || ', au-delà de la marge.'
        else ''
      end
    when 'derniere_annee_definitive' then 'La dernière valeur définitive (' || {{ periode_fr('m.f1_periode') }}
      || ') s’écarte de la trajectoire au-delà de la marge ; la plus récente (' || {{ periode_fr('m.periode') }} || '), non définitive, ne suffit pas à l’effacer.'
    when 'deux_annees' then 'Deux années définitives de suite (' || {{ periode_fr('m.f2_periode') }} || ' et ' || {{ periode_fr('m.f1_periode') }}
      || ') s’écartent de la trajectoire au-delà de la marge de ' || m.marge_mots || ' du chemin à parcourir.'
  end as raison_texte,
  m.periode,
  m.annee,
  m.valeur,
  case when m.evalue then round(m.attendu, 6) end as attendu,
  case when m.evalue then round(m.n_ecart, 6) end as ecart,
  case when m.evalue then round(m.n_residu, 6) end as ecart_norm,
  case when m.evalue then round(m.marge, 6) end as marge,
  case when m.evalue then round(m.retard, 2) end as retard_trajectoire,
  round(m.retard_comparateur, 2) as retard_comparateur,
  case when m.evalue and m.etat <> 'atteint' then round(m.arrivee_annee, 1) end as arrivee_annee,
  coalesce(m.nuit > m.prochaine_attendue, false) as a_actualiser,
  m.prochaine_attendue,
  case when m.evalue then round(m.part_chemin, 6) end as part_chemin,
  case when m.evalue then round(m.part_chemin_attendue, 6) end as part_chemin_attendue,
  case when m.evalue and m.etat <> 'atteint' then round(m.arrivee_au_plus_tot, 1) end as arrivee_au_plus_tot,
  case when m.evalue and m.etat <> 'atteint' then round(m.arrivee_au_plus_tard, 1) end as arrivee_au_plus_tard,
  m.etat_calcule,
  m.raison_calculee,
  cast(to_json(struct_pack(
    nuit := cast(m.nuit as varchar),
    observation := struct_pack(
      periode := m.periode, valeur := m.valeur, statut := m.statut, ventilation := m.ventilation,
      borne_basse := m.borne_basse, borne_haute := m.borne_haute),
    trajectoire := case when m.trajectoire is not null then struct_pack(
      id := m.trajectoire, forme := m.forme, base_annee := m.base_annee, base_valeur := m.base_valeur,
      cible_annee := m.cible_annee, cible_valeur := m.cible_valeur, tolerance := m.tolerance, echelle := m.echelle,
      comparateur_niveau := m.comparateur_niveau, comparateur_code := m.comparateur_code) end,
    comparaison := case when m.evalue then struct_pack(
      juge := round(m.n_juge, 6), attendu_juge := round(m.n_attendu, 6), attendu := round(m.attendu, 6), ecart := round(m.n_ecart, 6), ecart_norm := round(m.n_residu, 6),
      marge := round(m.marge, 6), marge_tolerance := m.tolerance, marge_bruit := round(m.sigma, 6),
      marge_revision := round(m.revision, 6),
      part_chemin := round(m.part_chemin, 6), part_chemin_attendue := round(m.part_chemin_attendue, 6),
      annee_definitive := m.f1_periode, annee_definitive_ecart_norm := round(m.f1_residu, 6),
      annee_precedente := m.f2_periode, annee_precedente_ecart_norm := round(m.f2_residu, 6)) end,
    bruit := case when m.evalue then struct_pack(
      methode := m.methode,
      texte := case when m.methode = 'serie_trop_courte'
        then 'Série trop courte (' || m.points || ' valeurs) : le bruit n’est pas estimé.' else '' end, points := m.points, etendues := m.etendues, etendue_moyenne := round(m.etendue_moyenne, 6)) end,
    retard := case when m.evalue then struct_pack(
      annees := round(m.retard, 2), annee_due := round(m.annee_due, 2), borne := m.retard_borne) end,
    tendance := struct_pack(
      pente := round(m.pente, 6), points := m.tendance_points, arrivee := round(m.arrivee_annee, 1),
      pente_basse := round(m.pente_basse, 6), pente_haute := round(m.pente_haute, 6),
      au_plus_tot := round(m.arrivee_au_plus_tot, 1), au_plus_tard := round(m.arrivee_au_plus_tard, 1)),
    sens := case when m.sens_points is not null then struct_pack(points := m.sens_points, reculs := m.reculs) end,
    decision := case when m.decision_motif is not null then struct_pack(
      motif := m.decision_motif, auteur := m.decision_auteur, date := cast(m.decision_date as varchar),
      etat_calcule := m.etat_calcule, raison_calculee := m.raison_calculee) end,
    comparateur := case when m.retard_code is not null then struct_pack(
      niveau := m.retard_niveau, code := m.retard_code, nom := m.retard_nom,
      valeur := m.valeur_comparateur, annee_du_meme_niveau := round(m.annee_du_niveau, 2), debut := m.debut_serie,
      retard := round(m.retard_comparateur, 2), methode := m.comparateur_methode,
      niveau_compare := round(m.niveau_compare, 6), euros := m.euros) end,
    rupture := case when m.rupture is not null then struct_pack(annee := m.rupture, motif := m.rupture_motif) end,
    fraicheur := struct_pack(
      prochaine_attendue := cast(m.prochaine_attendue as varchar),
      limite_anciennete := cast(m.limite_anciennete as varchar)),
    serie := s.serie
  )) as varchar) as details
from mots as m
left join series as s on s.numero = m.serie
order by m.indicateur
