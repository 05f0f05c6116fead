/// Deletion and restoration of sites: the plan, the archive, the rows that go and come back, along
/// the foreign keys.
///
/// In: a site, or the number of an archive. Out: a plan with counts, and one transaction that does
/// it completely or not at all. Never knows: how a plan is shown or confirmed.
package dev.patronus.store.deletion;
