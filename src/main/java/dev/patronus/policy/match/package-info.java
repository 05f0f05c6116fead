/// The compiled matcher: for each field the sorted boundaries of all rules, each interval with the
/// bit set of the policies that it allows.
///
/// In: policies. Out: [Matcher]: the first policy that takes a flow. Never knows: how rules are
/// written, what a flow carries.
@NullMarked
package dev.patronus.policy.match;

import org.jspecify.annotations.NullMarked;
