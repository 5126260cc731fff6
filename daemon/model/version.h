#pragma once
/* SPDX-License-Identifier: Apache-2.0 */

/* The version, as the build says it; what a file compiled by hand is called otherwise. */

#ifndef AUDITSHARED_VERSION
#define AUDITSHARED_VERSION "0.1.0"
#endif
