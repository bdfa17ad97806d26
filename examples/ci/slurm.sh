#!/usr/bin/env bash
# Shards as a Slurm array: sbatch --array=0-7 slurm.sh MODEL TASKS
# Any start and step will do: --shard auto counts the array's places. When all have ended:
#   slm merge results/shard-* --out results/whole && slm gate results/whole --baseline baseline.json
#SBATCH --cpus-per-task=4
#SBATCH --requeue
set -euo pipefail
# A requeued task goes on where it was stopped.
exec slm eval --model "$1" --task "$2" --shard auto --threads "${SLURM_CPUS_PER_TASK:-1}" \
  --out "results/shard-$SLURM_ARRAY_TASK_ID"
