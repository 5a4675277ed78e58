"""`make story`: five nights of the observatory over the portal, for somebody who has never seen it."""
