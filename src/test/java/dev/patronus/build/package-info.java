/// What holds the house itself against its plan: the rooms and their edges, the wrapper.
///
/// In: compiled classes, sources, scripts. Out: a complaint that names the class and the rule.
/// Never knows: what the program does.
package dev.patronus.build;
