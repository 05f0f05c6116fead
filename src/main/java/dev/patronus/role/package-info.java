/// The roles of the platform, and which groups of this machine have them.
///
/// In: the setting `roles`, the groups of a user. Out: a [Role]. Never knows: how groups are looked
/// up, what is done with a role.
@NullMarked
package dev.patronus.role;

import org.jspecify.annotations.NullMarked;
