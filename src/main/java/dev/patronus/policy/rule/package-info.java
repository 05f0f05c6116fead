/// The match rules and path preferences of a policy: their JSON text, its errors, and their values.
///
/// In: JSON text. Out: [MatchRules] and [PathPreference], or [Invalid] with the reason. Never
/// knows: which policy a rule belongs to, how a flow is matched fast.
@NullMarked
package dev.patronus.policy.rule;

import org.jspecify.annotations.NullMarked;
