#ifndef BST_BASTION_H
#define BST_BASTION_H

/*
 * Everything a program built on Bastion needs: include this one header.
 *
 * The headers below can be read in this order; each says what it is for.
 */

#include <bastion/attr.h>
#include <bastion/status.h>
#include <bastion/topology.h>
#include <bastion/callbacks.h>
#include <bastion/lock.h>
#include <bastion/message.h>
#include <bastion/payload.h>
#include <bastion/context.h>
#include <bastion/system.h>
#include <bastion/sim.h>
#include <bastion/supervisor.h>
#include <bastion/task.h>

#endif
