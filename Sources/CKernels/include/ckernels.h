#pragma once
// Numeric kernels of the networks. Nothing here knows of images, layers or files, nothing allocates, and nothing but
// select.c asks which processor this is. All functions are thread-safe: they touch only what their arguments name.

#include "ck_convolution.h"
#include "ck_reference.h"
#include "ck_training.h"
