/// The commands about alerts.
///
/// In: the rules of the configuration, the states in the database. Out: answers; a silence in the
/// database; test notices. Never knows: how rules are evaluated.
@NullMarked
package dev.patronus.cli.alert;

import org.jspecify.annotations.NullMarked;
