/// Removal of old history in short transactions.
///
/// In: an age or a retention plan. Out: counts of removed rows. Never knows: how it is confirmed or
/// scheduled.
@NullMarked
package dev.patronus.store.retention;

import org.jspecify.annotations.NullMarked;
