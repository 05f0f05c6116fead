/// Help texts, manual pages and the manual page of the configuration, all made from the command
/// model.
///
/// In: the command model. Out: text and roff. Never knows: what a command does.
package dev.patronus.cli.help;
