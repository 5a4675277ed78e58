-- Households by commune each December. CNAF rounds to 5: a 0 may stand for one to four households, so it is secret.
select
  numcomdo as code_commune,
  annee,
  indfoy_ndur as foyers_allocataires,
  indnbp_ndur as personnes_couvertes,
  indfoy_rsa as foyers_rsa,
  indnbp_rsa as personnes_rsa,
  case when indfoy_rsa is null then 'manquant' when indfoy_rsa = 0 then 'secret' else 'definitif' end as statut_rsa,
  _edition as edition
from {{ landed('caf', 'prestations') }}
order by code_commune, annee
