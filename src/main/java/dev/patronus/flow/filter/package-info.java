/// Filters over flows in the words of tcpdump and nfdump, and the parts of a flow by which flows
/// are grouped.
///
/// In: the text of a filter, a flow as a [FlowView]. Out: [FlowFilter], whether it matches. Never
/// knows: where flows are kept, how a policy is found by its name.
@NullMarked
package dev.patronus.flow.filter;

import org.jspecify.annotations.NullMarked;
