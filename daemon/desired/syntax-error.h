#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* What libyaml says about text that is not YAML, in words that help a person. */

/*
 * "what is wrong; what is right" for a problem of libyaml's; NULL for one that is not known here.
 */
const char *syntax_error_text(const char *problem);
