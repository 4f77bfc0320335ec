#!/bin/sh
# Runs the GPU check on a machine with neither Node nor network: what it needs lies beside this file.
# Arguments go to the check (--seconds N, --cases mlp,cnn); TENON_PROVIDER names the one provider to check;
# TENON_PYTHON the Python that has PyTorch.
here=${0%/*}
[ "$here" = "$0" ] && here=.
here=$(cd "$here" && pwd) || exit 1

has() { # whether a library is on this machine
  for folder in /usr/lib/x86_64-linux-gnu /lib/x86_64-linux-gnu /usr/lib64 /usr/lib /usr/local/nvidia/lib64; do
    [ -e "$folder/$1" ] && return 0
  done
  return 1
}

export TENON_HOST_LIBRARY_PATH="$LD_LIBRARY_PATH"
libraries=$here/lib
has libstdc++.so.6 || libraries=$libraries:$here/lib/c++
export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"

# NVIDIA's driver comes as two libraries. Containers often have no file that names one to Vulkan, or one that names the
# library for X, which then does not load; without a display the other is right.
driver=
if [ -z "$VK_DRIVER_FILES$VK_ICD_FILENAMES" ]; then
  found=
  for file in /usr/share/vulkan/icd.d/*.json /usr/local/share/vulkan/icd.d/*.json /etc/vulkan/icd.d/*.json; do
    [ -e "$file" ] && found=$file
  done
  if [ -z "$DISPLAY" ] && has libEGL_nvidia.so.0; then driver=libEGL_nvidia.so.0
  elif [ -z "$found" ]; then driver=libGLX_nvidia.so.0; fi
fi
if [ -n "$driver" ]; then
  printf '{ "file_format_version": "1.0.0", "ICD": { "library_path": "%s", "api_version": "1.3.0" } }\n' "$driver" \
    >"$here/nvidia_icd.json"
  export VK_DRIVER_FILES="$here/nvidia_icd.json"
fi
exec "$here/node" "$here/test/gpu/check-gpu.js" "$@"
