/// Deletion and restoration of sites and policies: the plan, the archive, and the deleted and
/// restored rows, along the foreign keys.
///
/// In: a site, a policy, or the number of an archive. Out: a plan with counts, and one transaction
/// that does it completely or not at all. Never knows: how a plan is shown or confirmed.
@NullMarked
package dev.patronus.store.deletion;

import org.jspecify.annotations.NullMarked;
