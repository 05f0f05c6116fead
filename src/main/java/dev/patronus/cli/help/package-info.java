/// Help texts, manual pages and the manual page of the configuration, all made from the command
/// model.
///
/// In: the command model. Out: text and roff. Never knows: what a command does.
@NullMarked
package dev.patronus.cli.help;

import org.jspecify.annotations.NullMarked;
