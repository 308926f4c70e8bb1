import { dedent } from './dedent.ts';

/** What, and what once the list has `a.example.com.` with `clusterID: a`. */
export const EDIT_CASES: Record<string, readonly [before: string, after: string]> = {
  'a comment after the key, and those before the first dash, stay': [
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs: # by hand
          # and with care
          - targets: [old]  # goes with its target
            # about the next
          - targets: [older]
          # what follows the list stays
        # also this
        scheme: https
      `,
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs: # by hand
          # and with care
          - targets:
            - a.example.com.
            labels:
              clusterID: a
          # what follows the list stays
        # also this
        scheme: https
      `,
  ],
  'dashes at the column of the key stay there': [
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs:
        - targets:
          - old
        scheme: https
      `,
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs:
        - targets:
          - a.example.com.
          labels:
            clusterID: a
        scheme: https
      `,
  ],
  'wide dashes and deep lists stay as they are': [
    dedent`
      scrape_configs:
          -   static_configs:
                  -   labels:
                          env: x
                      targets:
                          - old
              job_name: federate
      `,
    dedent`
      scrape_configs:
          -   static_configs:
                  -   targets:
                          - a.example.com.
                      labels:
                          clusterID: a
              job_name: federate
      `,
  ],
  'a missing list goes to the end of its job, in the style of another': [
    dedent`
      scrape_configs:
        - job_name: federate
          params:
            x: |
              text


        - job_name: other
          static_configs:
          - targets:
              - b
      global: {}
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          params:
            x: |
              text
          static_configs:
          - targets:
              - a.example.com.
            labels:
              clusterID: a


        - job_name: other
          static_configs:
          - targets:
              - b
      global: {}
      `,
  ],
  'a missing list goes after text that keeps its empty lines': [
    dedent`
      scrape_configs:
      - job_name: federate
        params: {}
        x: |+
          text

      # next
      - job_name: other
      `,
    dedent`
      scrape_configs:
      - job_name: federate
        params: {}
        x: |+
          text

        static_configs:
        - targets:
          - a.example.com.
          labels:
            clusterID: a
      # next
      - job_name: other
      `,
  ],
  'a missing list goes after dashes without a value': [
    dedent`
      scrape_configs:
        - job_name: federate
          metric_relabel_configs:
            -
            -   # nothing
            # still of the job
        - job_name: other
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          metric_relabel_configs:
            -
            -   # nothing
          static_configs:
            - targets:
              - a.example.com.
              labels:
                clusterID: a
            # still of the job
        - job_name: other
      `,
  ],
  'nothing, with a comment': [
    dedent`
      scrape_configs:
        - static_configs:   # to come
          # - targets: [x]
          job_name: federate
      `,
    dedent`
      scrape_configs:
        - static_configs:   # to come
            - targets:
              - a.example.com.
              labels:
                clusterID: a
          # - targets: [x]
          job_name: federate
      `,
  ],
  'an empty list keeps the comment behind it': [
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs: [  # none

          ] # yet
          scheme: https
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs: # yet
            - targets:
              - a.example.com.
              labels:
                clusterID: a
          scheme: https
      `,
  ],
  'brackets and texts may be further left than YAML requires': [
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs: [
          {targets: [
          "a # ]",
        b, # }
      ]}
          ] # end
          x: {
          }
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs: # end
            - targets:
              - a.example.com.
              labels:
                clusterID: a
          x: {
          }
      `,
  ],
  'tabs may be between brackets, where Prometheus accepts them': [
    'scrape_configs:\n- job_name: federate\n  static_configs: [{targets: [a,\tb]},\t]\n  x: [c,\td]\n',
    'scrape_configs:\n- job_name: federate\n  static_configs:\n  - targets:\n    - a.example.com.\n    labels:\n      clusterID: a\n  x: [c,\td]\n',
  ],
  'null on a line of its own': [
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs:
              ~ # none
          scheme: https
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs:
              # none
              - targets:
                - a.example.com.
                labels:
                  clusterID: a
          scheme: https
      `,
  ],
  'a flow list in a block job becomes lines': [
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs: [{targets: ["]", '}', a#b], labels: {x: "\""}}]  # ] kept
          scheme: https`,
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs:  # ] kept
            - targets:
              - a.example.com.
              labels:
                clusterID: a
          scheme: https`,
  ],
  'a trailing dash without a value goes with the list': [
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs:
            - targets: [old]
            -
        - job_name: other
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs:
            - targets:
              - a.example.com.
              labels:
                clusterID: a
        - job_name: other
      `,
  ],
  'text that ends the list goes, the empty lines after it stay': [
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs:
            - targets:
              - |-
                old


          scheme: https
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs:
            - targets:
              - a.example.com.
              labels:
                clusterID: a


          scheme: https
      `,
  ],
  'a tag and an escaped key stay': [
    dedent`
      %YAML 1.2
      ---
      "scrape\x5fconfigs": !!seq
      - "job\u005fname": 'federate'
        'static_configs': !!seq  # of groups
        - targets: [old]
      ...
      `,
    dedent`
      %YAML 1.2
      ---
      "scrape\x5fconfigs": !!seq
      - "job\u005fname": 'federate'
        'static_configs': !!seq  # of groups
        - targets:
          - a.example.com.
          labels:
            clusterID: a
      ...
      `,
  ],
  'aliases inside the list, and anchors and merge keys elsewhere': [
    dedent`
      x-common: &common {env: prod}
      scrape_configs:
        - &first
          job_name: other
          static_configs: &b [{targets: [b]}]
        - <<: [*common]
          job_name: federate
          static_configs:
            - &group
              targets: [old]
              labels: {<<: *common}
            - *group
        - job_name: third
          static_configs: *b
        - <<: *first
          job_name: fourth
      `,
    dedent`
      x-common: &common {env: prod}
      scrape_configs:
        - &first
          job_name: other
          static_configs: &b [{targets: [b]}]
        - <<: [*common]
          job_name: federate
          static_configs:
            - targets:
              - a.example.com.
              labels:
                clusterID: a
        - job_name: third
          static_configs: *b
        - <<: *first
          job_name: fourth
      `,
  ],
  'a job between brackets, on one line': [
    'scrape_configs: [{job_name: federate, static_configs: [{targets: [old]}], x: }]\n',
    'scrape_configs: [{job_name: federate, static_configs: [{targets: [a.example.com.], labels: {clusterID: a}}], x: }]\n',
  ],
  'a job between brackets, without the list': [
    'scrape_configs: [{x: , "job_name": "federate",}]\n',
    'scrape_configs: [{x: , "job_name": "federate", "static_configs": [{"targets": ["a.example.com."], "labels": {"clusterID": "a"}}],}]\n',
  ],
  'a job between brackets, the list empty': [
    'scrape_configs: [{static_configs: , job_name: federate}]',
    'scrape_configs: [{static_configs: [{targets: [a.example.com.], labels: {clusterID: a}}], job_name: federate}]',
  ],
  'a job between brackets, in lines': [
    dedent`
      scrape_configs:
        - {
            job_name: federate, # first
            static_configs: [], # second
          }
      `,
    dedent`
      scrape_configs:
        - {
            job_name: federate, # first
            static_configs: [
                {targets: [a.example.com.], labels: {clusterID: a}}
            ], # second
          }
      `,
  ],
  'keys after the list that look like a part of it stay': [
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs:
        - targets: [old]
        -x: 1
      - job_name: other
        static_configs:
        - targets: [x]
        ? y
        : z
      `,
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs:
        - targets:
          - a.example.com.
          labels:
            clusterID: a
        -x: 1
      - job_name: other
        static_configs:
        - targets: [x]
        ? y
        : z
      `,
  ],
  'an explicit key after the list stays': [
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs:
        - targets: [old]
        ? y
        : z
      `,
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs:
        - targets:
          - a.example.com.
          labels:
            clusterID: a
        ? y
        : z
      `,
  ],
  'explicit keys without a value go with the list': [
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs:
          - targets: [old]
            labels:
              ? x
              :
            # gone
          -
        scheme: https
      `,
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs:
          - targets:
            - a.example.com.
            labels:
              clusterID: a
        scheme: https
      `,
  ],
  'a list may end in a dash and the text in it': [
    'scrape_configs:\n- job_name: federate\n  static_configs:\n  - targets: [old]\n  -',
    'scrape_configs:\n- job_name: federate\n  static_configs:\n  - targets:\n    - a.example.com.\n    labels:\n      clusterID: a',
  ],
  'a missing list goes after an explicit key that is nothing': [
    dedent`
      scrape_configs:
      - job_name: federate
        params:
          ?
          :
      - job_name: other
      `,
    dedent`
      scrape_configs:
      - job_name: federate
        params:
          ?
          :
        static_configs:
        - targets:
          - a.example.com.
          labels:
            clusterID: a
      - job_name: other
      `,
  ],
  'a missing list goes after a dash that follows text with its empty lines': [
    dedent`
      scrape_configs:
      - job_name: federate
        x:
        - |+
          text

        -
      - job_name: other
      `,
    dedent`
      scrape_configs:
      - job_name: federate
        x:
        - |+
          text

        -
        static_configs:
        - targets:
          - a.example.com.
          labels:
            clusterID: a
      - job_name: other
      `,
  ],
  'a missing list goes after a text that strips its end, at the end of the document': [
    'scrape_configs:\n- job_name: federate\n  x: |-\n    text',
    'scrape_configs:\n- job_name: federate\n  x: |-\n    text\n  static_configs:\n  - targets:\n    - a.example.com.\n    labels:\n      clusterID: a',
  ],
  'a missing list goes after a text, before a comment that ends the document': [
    'scrape_configs:\n- job_name: federate\n  x: |\n    text\n# end',
    'scrape_configs:\n- job_name: federate\n  x: |\n    text\n  static_configs:\n  - targets:\n    - a.example.com.\n    labels:\n      clusterID: a\n# end',
  ],
  'a tab after the key goes with its value': [
    'scrape_configs:\n- job_name: federate\n  static_configs:\t[{targets: [old]}] # kept\n',
    'scrape_configs:\n- job_name: federate\n  static_configs: # kept\n  - targets:\n    - a.example.com.\n    labels:\n      clusterID: a\n',
  ],
  'the list keeps its own style, whatever the style of others': [
    dedent`
      scrape_configs:
      - job_name: other
        static_configs:
        - targets:
          - b
      - job_name: federate
        static_configs:
            -   targets:
                    - old
                labels:
                        x: y
      `,
    dedent`
      scrape_configs:
      - job_name: other
        static_configs:
        - targets:
          - b
      - job_name: federate
        static_configs:
            -   targets:
                    - a.example.com.
                labels:
                        clusterID: a
      `,
  ],
  'the style is that of the groups in lines, and of the first of them that shows it': [
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs:
        -      {targets: [old]}
        - labels: {x: y}
          targets: [old]
        - targets:
              - older
        - labels:
                x: y
      `,
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs:
        - targets:
              - a.example.com.
          labels:
                clusterID: a
      `,
  ],
  'dashes on lines of their own, and very wide ones, are not repeated': [
    'scrape_configs:\n- job_name: federate\n  static_configs:\n  -\n   targets: [old]\n',
    'scrape_configs:\n- job_name: federate\n  static_configs:\n  - targets:\n    - a.example.com.\n    labels:\n      clusterID: a\n',
  ],
  'a dash of eight columns is repeated': [
    'scrape_configs:\n- job_name: federate\n  static_configs:\n  -       targets: [old]\n',
    'scrape_configs:\n- job_name: federate\n  static_configs:\n  -       targets:\n          - a.example.com.\n          labels:\n            clusterID: a\n',
  ],
  'a dash of nine columns is not': [
    'scrape_configs:\n- job_name: federate\n  static_configs:\n  -        targets: [old]\n',
    'scrape_configs:\n- job_name: federate\n  static_configs:\n  - targets:\n    - a.example.com.\n    labels:\n      clusterID: a\n',
  ],
  'a missing list has its dashes where another list of the job has them': [
    dedent`
      scrape_configs:
        - job_name: federate
          relabel_configs:
          - action: keep
          x:
            - y
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          relabel_configs:
          - action: keep
          x:
            - y
          static_configs:
          - targets:
            - a.example.com.
            labels:
              clusterID: a
      `,
  ],
  'a missing list has its dashes where a list within a value of the job has them': [
    dedent`
      scrape_configs:
        - job_name: federate
          scheme: https
          params:
            debug: [x]
            'match[]':
            - up
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          scheme: https
          params:
            debug: [x]
            'match[]':
            - up
          static_configs:
          - targets:
            - a.example.com.
            labels:
              clusterID: a
      `,
  ],
  'merge keys before what they would give change nothing': [
    dedent`
      x: &x {job_name: other, static_configs: []}
      scrape_configs:
      - <<: *x
        job_name: federate
        static_configs: []
        &scheme scheme: https
      - job_name: *scheme
      `,
    dedent`
      x: &x {job_name: other, static_configs: []}
      scrape_configs:
      - <<: *x
        job_name: federate
        static_configs:
        - targets:
          - a.example.com.
          labels:
            clusterID: a
        &scheme scheme: https
      - job_name: *scheme
      `,
  ],
  'a job between brackets, the colon on the next line': [
    'scrape_configs: [{static_configs # x\n  : , job_name: federate}]\n',
    'scrape_configs: [{static_configs # x\n  : [{targets: [a.example.com.], labels: {clusterID: a}}], job_name: federate}]\n',
  ],
  'a job between brackets, far to the right of them': [
    'scrape_configs:\n- {\n              job_name: federate,\n              static_configs: []\n  }\n',
    'scrape_configs:\n- {\n              job_name: federate,\n              static_configs: [\n                      {targets: [a.example.com.], labels: {clusterID: a}}\n              ]\n  }\n',
  ],
  'a job between brackets, in lines that begin otherwise than its own': [
    'scrape_configs: [\n\t{\n \tjob_name: federate,\n \tstatic_configs: []\n\t}\n]\n',
    'scrape_configs: [\n\t{\n \tjob_name: federate,\n \tstatic_configs: [\n \t  {targets: [a.example.com.], labels: {clusterID: a}}\n \t]\n\t}\n]\n',
  ],
};
