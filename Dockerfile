# An image with all programs and the models in the box; recordings and results lie in the folder mounted at /data.
#   docker build -t fer .
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/data" fer fer-infer talk.mp4
FROM debian:12 AS build
WORKDIR /fer
COPY tools/setup.sh tools/
RUN tools/setup.sh
COPY . .
RUN cmake --preset package && cmake --build --preset package && cpack --preset package -B /packages

FROM debian:12-slim
RUN --mount=type=bind,from=build,source=/packages,target=/packages \
    apt-get update && \
    apt-get install -y --no-install-recommends /packages/fer_*.deb ca-certificates fonts-dejavu-core && \
    rm -rf /var/lib/apt/lists/*
# Face detectors to bring along, from their publishers and by checksum; "" leaves OpenCV's cascade alone.
ARG DETECTORS=yunet
RUN test -z "$DETECTORS" || fer-data fetch $DETECTORS --models-dir /usr/share/fer/models
ENV FER_MODELS=/usr/share/fer/models XDG_CACHE_HOME=/tmp/cache
RUN useradd --create-home fer
USER fer
WORKDIR /data
CMD ["fer-infer", "--help"]
