select
  codeinseecommune as code_commune,
  commune as nom,
  filiere,
  case lower(strip_accents(filiere))
    when 'solaire' then 'solaire'
    when 'eolien' then 'eolien'
    when 'hydraulique' then 'hydraulique'
    when 'bioenergies' then 'bioenergies'
    when 'geothermie' then 'geothermie'
    when 'energies marines' then 'energies_marines'
    -- Nuclear, non-renewable thermal, storage, other: not renewable.
    else ''
  end as filiere_renouvelable,
  n_lignes,
  n_avec_energie,
  nb_installations,
  puissance_kw,
  energie_injectee_kwh,
  -- A sum over lines of which some have no energy is a floor; over lines of which none has one, it is nothing.
  case
    when n_avec_energie = 0 then 'inconnu'
    when n_avec_energie < n_lignes then 'partiel'
    else 'connu'
  end as connaissance,
  date_etat,
  _edition as edition,
  _nuit as nuit
from {{ newest_per_key('odre', 'registre', ['codeinseecommune', 'filiere', 'date_etat']) }}
order by code_commune, filiere, date_etat
